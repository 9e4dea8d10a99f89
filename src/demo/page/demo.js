(() => {
  const EVERY = 2000;
  const pause = document.getElementById("pause"), paused = document.getElementById("paused");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let running = !calm.matches, looking = false;

  // Puts in anew what has changed, but for what the reader is in.
  const look = async () => {
    if (looking) return;
    looking = true;
    try {
      const answer = await fetch("/", { cache: "no-store" });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of fresh.querySelectorAll("[data-live]")) {
        const own = document.getElementById(part.id);
        if (own && own.innerHTML !== part.innerHTML && !own.contains(document.activeElement)) own.innerHTML = part.innerHTML;
      }
      for (const button of fresh.querySelectorAll("button[aria-pressed]")) {
        const own = document.getElementById(button.id);
        if (!own) continue;
        own.setAttribute("aria-pressed", button.getAttribute("aria-pressed"));
        if (own.innerHTML !== button.innerHTML) own.innerHTML = button.innerHTML;
      }
      if (running) paused.textContent = "";
    } catch {
      paused.textContent = " The demonstration does not answer: it may have been stopped.";
    } finally {
      looking = false;
    }
  };

  const tell = () => {
    pause.textContent = running ? "Pause" : "Go on";
    paused.textContent = running ? "" : " This page stands still; the force goes on.";
  };

  pause.hidden = false;
  pause.addEventListener("click", () => { running = !running; tell(); if (running) look(); });
  tell();
  setInterval(() => { if (running && !document.hidden) look(); }, EVERY);

  // Without this a switch reloads the page; with it the reader stays where they are.
  document.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || !button.hasAttribute("formaction")) return;
    event.preventDefault();
    try {
      await fetch(button.formAction, { method: "POST", redirect: "manual" });
    } catch { /* The look below says that nobody answers. */ }
    while (looking) await new Promise((go) => setTimeout(go, 20));
    await look();
    const card = button.closest("article");
    document.getElementById("said").textContent =
      card.querySelector("h3").textContent + ": " + card.querySelector(".state").textContent.trim();
  });
})();
