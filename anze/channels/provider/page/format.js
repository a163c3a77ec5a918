// Days and hours as Shanghai has them, sizes.

const DAY = 864e5;
const shanghai = new Intl.DateTimeFormat("en-CA", {
	timeZone: "Asia/Shanghai",
	dateStyle: "short",
	timeStyle: "short",
	hourCycle: "h23",
});

/** ["2026-11-23", "09:00"] of an instant in milliseconds. */
const wall = (instant) => shanghai.format(instant).split(", ");

export const dayOf = (instant) => wall(instant)[0];

const number = (day) => Date.parse(`${day}T00:00Z`) / DAY;

/** "2026-11-23" → "今天 11月23日 周一" */
export function dayWords(day, today) {
	const [, month, date] = day.split("-").map(Number);
	const words = `${month}月${date}日 周${"日一二三四五六"[(number(day) + 4) % 7]}`;
	const near = { "-1": "昨天", 0: "今天", 1: "明天" }[number(day) - number(today)];
	return near ? `${near} ${words}` : words;
}

export const hours = ({ starts_at, ends_at }) =>
	[starts_at, ends_at].filter(Boolean).map((at) => wall(Date.parse(at))[1]).join("–");

export const moment = (at, today) => `${dayWords(dayOf(at), today)} ${wall(at)[1]}`;

export const fileSize = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;
