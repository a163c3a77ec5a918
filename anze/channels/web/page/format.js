// Pure functions: dates as Shanghai shows them, sizes, telephone numbers inside a text.

const DAY = 864e5;
const shanghai = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" });

function wall(instant) {
	const [day, month, year, time] = shanghai.format(instant).split(/\/|, /);
	return { year, time, number: Date.UTC(year, month - 1, day) / DAY, date: `${+month}月${+day}日` };
}

const weekday = (number) => `周${"日一二三四五六"[(number + 4) % 7]}`;

export const sameDay = (one, other) => wall(one).number === wall(other).number;

export function fullTime(at) {
	const { year, date, number, time } = wall(at);
	return `${year}年${date} ${weekday(number)} ${time}`;
}

/** Time line between bubbles; `at` and `now` are milliseconds. */
export function timeLine(at, now) {
	const then = wall(at);
	const today = wall(now);
	if (then.number === today.number) return then.time;
	if (then.number === today.number - 1) return `昨天 ${then.time}`;
	return then.year === today.year ? fullTime(at).slice(5) : fullTime(at);
}

/** A legal date "2026-03-09" → "2026年3月9日 周一". */
export function legalDate(iso) {
	const [year, month, day] = iso.split("-").map(Number);
	return `${year}年${month}月${day}日 ${weekday(Date.UTC(year, month - 1, day) / DAY)}`;
}

export function fileSize(bytes) {
	return bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

const PHONE = /1[3-9]\d{9}|0\d{2,3}-?\d{3,4}-?\d{4}|[48]00-?\d{3}-?\d{4}|123\d\d|95\d{3}|1(?:10|19|20|22)/g;
// A short number can be an amount or a count of days: only where the text speaks of calling is it a telephone number.
const CALLING = /(?:拨|打|电话|热线)[^。；;\n]{0,20}$/;
const MEASURE = /^\s*[元万个人天日年月份名次条项米吨秒周%％]/;

/** [{text, tel?}] that joined give the text again; `tel` marks a telephone number. */
export function splitPhones(text) {
	const pieces = [];
	let from = 0;
	for (const { 0: number, index } of text.matchAll(PHONE)) {
		const before = text.slice(0, index);
		const after = text.slice(index + number.length);
		if (/[\w.*—-]$/.test(before) || /^[\w*]|^[.—-]\w/.test(after)) continue;
		if (number.length < 8 && (!CALLING.test(before) || MEASURE.test(after))) continue;
		pieces.push({ text: text.slice(from, index) }, { text: number, tel: number.replaceAll("-", "") });
		from = index + number.length;
	}
	return [...pieces, { text: text.slice(from) }];
}
