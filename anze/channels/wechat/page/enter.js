// Opened inside WeChat: a ticket, which works once, becomes the session of the page, and the page is shown.

const ticket = location.hash.slice(1);
history.replaceState(null, "", location.pathname); // it must not stay there for others to see

async function enter() {
	const answer = await fetch("/api/sessions/enter", {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ ticket }),
	});
	const told = await answer.json();
	if (!answer.ok) throw new Error(told.detail);
	localStorage.setItem("anze.session", JSON.stringify(told));
	location.replace("/");
}

enter().catch((problem) => {
	document.getElementById("told").textContent = problem.message;
});
