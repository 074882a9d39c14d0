#pragma once
/* What is said in more than one place about a right that is missing. */

#define RIGHTS_BOTH "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"
#define RIGHTS_HIDDEN                                                                    \
	"processes of other users are hidden here: hidepid of /proc needs "              \
	"CAP_SYS_PTRACE or its group gid="
