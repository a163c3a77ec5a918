// Keeps the page's own files, so that it opens without a line.

const KEPT = "anze.provider.page";
const MODULES =
	"account api app data dom format forms orders phone queue rules steps texts".split(" ");
const FILES = ["./", "style.css", "icon.svg", ...MODULES.map((name) => `${name}.js`)];
const PATIENCE_MS = 4000;

addEventListener("install", (event) => {
	const fresh = FILES.map((file) => new Request(file, { cache: "reload" }));
	event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(fresh)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

/** What is kept when there is no network, or a very slow one. */
async function answer(request) {
	const cache = await caches.open(KEPT);
	const kept = await cache.match(request);
	const news = fetch(request).then(async (response) => {
		if (response.ok) await cache.put(request, response.clone());
		return response;
	});
	if (!kept) return news;
	const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
	return Promise.race([news.catch(() => kept), late]);
}

addEventListener("fetch", (event) => {
	const { method, url } = event.request;
	if (method === "GET" && url.startsWith(registration.scope)) event.respondWith(answer(event.request));
});
