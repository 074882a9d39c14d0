// Numbers, times and names as texts. Bytes are written as leakdog writes them everywhere:
// binary units, 5G is 5 x 1024^3.

const UNKNOWN = "?";
const MINUS = "\u2212";

function bytes(value) {
	if (value === null || value === undefined) return UNKNOWN;
	const units = ["B", "K", "M", "G", "T", "P"];
	let size = Math.abs(value);
	let unit = 0;
	while (size >= 1023.95 && unit < units.length - 1) {
		size /= 1024;
		unit++;
	}
	const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
	return (value < 0 ? MINUS : "") + size.toFixed(digits) + units[unit];
}

function count(value) {
	if (value === null || value === undefined) return UNKNOWN;
	const whole = String(Math.abs(Math.round(value)));
	return (value < 0 ? MINUS : "") + whole.replace(/\B(?=(\d{3})+$)/g, ",");
}

function centipercent(value) {
	return value === null ? UNKNOWN : (value / 100).toFixed(2) + "%";
}

// What a metric counts may be a share.
function thousandth(value) {
	return value === null || value === undefined ? UNKNOWN : String(value / 1000);
}

function formatOf(unit) {
	return { bytes, centipercent, thousandth, ms: duration }[unit] ?? count;
}

// "+3.13G", "0": growth is always signed.
function signed(format, value) {
	return (value > 0 ? "+" : "") + format(value);
}

function percent(part, whole) {
	if (!whole) return "";
	const share = (100 * part) / whole;
	return (share < 0 ? MINUS : "") + Math.abs(share).toFixed(Math.abs(share) >= 99.95 ? 0 : 1) + "%";
}

// How much larger now is: "+12%", "x34", "new", "gone".
function change(base, now) {
	if (now === base) return "same";
	if (base === 0) return "new";
	if (now === 0) return "gone";
	const times = now / base;
	if (times >= 10) return "\u00d7" + times.toFixed(0);
	if (times >= 2) return "\u00d7" + times.toFixed(1);
	return signed((value) => (value < 0 ? MINUS : "") + Math.abs(value).toFixed(0) + "%", 100 * (times - 1));
}

function duration(ms) {
	if (ms === null || ms === undefined) return UNKNOWN;
	const seconds = Math.round(ms / 1000);
	if (ms < 1000) return Math.round(ms) + "ms";
	if (seconds < 60) return seconds + "s";
	if (seconds < 3600) return Math.floor(seconds / 60) + "m" + (seconds % 60 ? (seconds % 60) + "s" : "");
	const minutes = Math.floor(seconds / 60);
	if (minutes < 2880) return Math.floor(minutes / 60) + "h" + (minutes % 60 ? (minutes % 60) + "m" : "");
	return Math.floor(minutes / 1440) + "d" + (Math.floor(minutes / 60) % 24) + "h";
}

function waited(minutes) {
	const [least, most] = minutes;
	if (!most) return "under 1m";
	const text = (value) => duration(value * 60000);
	return "\u2265 " + (least < most ? text(least) + " to " + text(most) : text(most));
}

// Times are shown in UTC, as files and logs of leakdog have them, or in the reader's zone.
const clock = { utc: true };

function minutesFromUtc(ms) {
	return clock.utc ? 0 : -new Date(ms).getTimezoneOffset();
}

function inZone(ms) {
	return new Date(ms + minutesFromUtc(ms) * 60000).toISOString();
}

// "UTC", "UTC+8", "UTC\u22123:30"
function zoneName(ms) {
	const minutes = minutesFromUtc(ms);
	if (!minutes) return "UTC";
	const hours = Math.floor(Math.abs(minutes) / 60);
	const rest = Math.abs(minutes) % 60;
	return "UTC" + (minutes < 0 ? MINUS : "+") + hours + (rest ? ":" + String(rest).padStart(2, "0") : "");
}

function dateTime(ms) {
	return ms === null ? UNKNOWN : inZone(ms).slice(0, 19).replace("T", " ") + " " + zoneName(ms);
}

function timeOfDay(ms, withSeconds) {
	return inZone(ms).slice(11, withSeconds ? 19 : 16);
}

function dayAndTime(ms) {
	return inZone(ms).slice(5, 16).replace("T", " ");
}

// "example.com/shop/cart.(*Cache).Put" -> "cart.(*Cache).Put". Type arguments may have
// slashes of their own; linkers write a dot in the last element of a path as %2e.
function shortName(name) {
	const bracket = name.indexOf("[");
	const end = bracket < 0 ? name.length : bracket;
	return name.slice(name.lastIndexOf("/", end - 1) + 1).replaceAll("%2e", ".");
}

// "example.com/shop/cart.(*Cache).Put" -> "example.com/shop/cart"
function packageOf(name) {
	const slash = name.length - shortName(name.replaceAll("%2e", "???")).length;
	const dot = name.indexOf(".", slash);
	return (dot < 0 ? name : name.slice(0, dot)).replaceAll("%2e", ".");
}

// "/src/shop/internal/cart/cache.go" -> "cart/cache.go"
function shortFile(file) {
	return file.split("/").slice(-2).join("/");
}
