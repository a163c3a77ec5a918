// For other sites: <script src="https://our-address/embed.js" defer></script> puts a button into the corner that opens
// the assistant in a frame. The site's address has to be named in ANZE_EMBED_SITES.

(() => {
	const home = new URL("./", document.currentScript.src);
	const corner = "position:fixed;right:16px;z-index:2147483000;";
	const button = document.createElement("button");
	button.type = "button";
	button.textContent = "安责险助手";
	button.setAttribute("aria-expanded", "false");
	button.style.cssText = `${corner}bottom:16px;min-height:48px;padding:0 20px;border:0;border-radius:24px;background:#0b5cad;color:#fff;font:600 16px sans-serif;cursor:pointer;box-shadow:0 2px 8px #0005`;
	let frame = null;

	function build() {
		const made = document.createElement("iframe");
		made.src = home;
		made.title = "安责险服务助手";
		made.allow = "";
		made.style.cssText = `${corner}bottom:80px;width:min(400px,calc(100vw - 32px));height:min(680px,calc(100vh - 112px));border:0;border-radius:12px;background:#fff;box-shadow:0 4px 24px #0006`;
		document.body.append(made);
		return made;
	}

	button.onclick = () => {
		const open = button.getAttribute("aria-expanded") === "true";
		frame ??= build();
		frame.hidden = open;
		frame.style.display = open ? "none" : "block";
		button.setAttribute("aria-expanded", String(!open));
		button.textContent = open ? "安责险助手" : "收起";
	};
	document.body.append(button);
})();
