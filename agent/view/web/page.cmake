# Makes the page of a report from its sources, with nothing but CMake:
#
#   cmake -D TO=DIRECTORY -P page.cmake
#
# index.html names style sheets and scripts and has two places where a report is put in.
# What stands before, between and behind those places become three files, which page.S puts
# into the program. Styles and scripts become one element each, allowed by the hash of its
# bytes in the policy of the page: nothing else can run in it, and nothing can be fetched.
cmake_minimum_required(VERSION 3.25)
set(from ${CMAKE_CURRENT_LIST_DIR})
file(READ ${from}/index.html page)

# The files of a kind in the order in which index.html names them, without the lines that are
# a comment and nothing else and without what indents them: those are for readers of this
# directory. (So a template literal has to end on its line.)
function(joined ret element)
	set(all "\n")
	string(REGEX MATCHALL "<!-- ${element} [a-z.]+ -->" places "${page}")
	foreach(place ${places})
		string(REGEX REPLACE ".* ([a-z.]+) -->" "\\1" name "${place}")
		file(READ ${from}/${name} text)
		string(APPEND all "${text}")
	endforeach()
	string(REGEX REPLACE "\n[ \t]*//[^\n]*" "" all "${all}")
	string(REGEX REPLACE "\n[ \t]*/\\*[^*]*\\*/" "" all "${all}")
	string(REGEX REPLACE "\n[ \t\n]+" "\n" all "${all}")
	set(${ret} "${all}" PARENT_SCOPE)
endfunction()

# The hash as a policy spells it: CMake has hexadecimal digits, the policy wants base64.
function(policy_hash ret text)
	set(digits "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
	string(SHA256 hex "${text}")
	set(all "sha256-")
	# Four digits for every 24 bits; of the last 16 bits three and a "=".
	foreach(at RANGE 0 60 6)
		string(SUBSTRING "${hex}00" ${at} 6 part)
		foreach(shift 18 12 6 0)
			math(EXPR digit "(0x${part} >> ${shift}) & 63")
			string(SUBSTRING "${digits}" ${digit} 1 digit)
			string(APPEND all "${digit}")
		endforeach()
	endforeach()
	string(REGEX REPLACE ".$" "=" all "${all}")
	set(${ret} "${all}" PARENT_SCOPE)
endfunction()

# puts(ELEMENT TAG): the element with all of its files in place of the first name, none in
# place of the others; its hash in place of "ELEMENT-hash".
macro(puts element open close)
	joined(text ${element})
	policy_hash(hash "${text}")
	string(REPLACE "${element}-hash" "${hash}" page "${page}")
	string(REGEX REPLACE "(<!-- ${element} [a-z.]+ -->\n)+" "<!-- ${element} -->\n" page "${page}")
	string(REPLACE "<!-- ${element} -->" "${open}${text}${close}" page "${page}")
endmacro()

puts(style "<style>" "</style>")
puts(script "<script type=\"module\">" "</script>")

foreach(place summary report)
	string(FIND "${page}" "<!-- ${place} -->" at)
	if(at EQUAL -1)
		message(FATAL_ERROR "index.html has no place for the ${place}")
	endif()
endforeach()
string(FIND "${page}" "<!-- summary -->" at)
string(SUBSTRING "${page}" 0 ${at} head)
string(REGEX REPLACE ".*<!-- summary -->" "" rest "${page}")
string(FIND "${rest}" "<!-- report -->" at)
string(SUBSTRING "${rest}" 0 ${at} middle)
math(EXPR at "${at} + 15")
string(SUBSTRING "${rest}" ${at} -1 tail)
file(WRITE ${TO}/page-head.html "${head}")
file(WRITE ${TO}/page-middle.html "${middle}")
file(WRITE ${TO}/page-tail.html "${tail}")
