// The two forms of the console that need no session: sign in, change the password.
const OK_WITHOUT_BODY = 204;

function show(form, words) {
	const error = form.querySelector(".error");
	error.textContent = words;
	error.hidden = !words;
}

async function post(form, path, body) {
	const button = form.querySelector("button");
	button.disabled = true;
	show(form, "");
	try {
		const answer = await fetch(path, {
			method: "POST",
			headers: {"Content-Type": "application/json"},
			body: JSON.stringify(body),
		});
		if (answer.ok) {
			return answer.status === OK_WITHOUT_BODY ? {} : await answer.json();
		}
		show(form, (await answer.json()).detail);
	} catch {
		show(form, form.dataset.failed);
	} finally {
		button.disabled = false;
	}
	return null;
}

document.getElementById("sign-in")?.addEventListener("submit", async event => {
	event.preventDefault();
	const form = event.currentTarget;
	const {username, password} = Object.fromEntries(new FormData(form));
	if (await post(form, "/staff/sign-in", {username, password})) {
		location.reload();
	}
});

document.getElementById("change")?.addEventListener("submit", async event => {
	event.preventDefault();
	const form = event.currentTarget;
	const {old, new: fresh, again} = Object.fromEntries(new FormData(form));
	if (fresh !== again) {
		show(form, form.dataset.differ);
	} else if (await post(form, "/api/staff/password", {old, new: fresh})) {
		location.assign("/staff/");
	}
});
document.querySelectorAll("form button").forEach(button => {
	button.disabled = false;
});
document.querySelector("form input")?.focus();
