// The page is complete without this file. With it, times are the reader's own and the page keeps itself current.
const EVERY_MS = 2000;

const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function localise() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.getAttribute("datetime"));
    if (Number.isNaN(moment.getTime())) continue;
    time.textContent = ("exact" in time.dataset ? exact : full).format(moment);
    time.title = zone;
  }
}

const offline = document.getElementById("offline");

document.addEventListener("htmx:after:swap", localise);
document.addEventListener("htmx:error", () => { offline.hidden = false; });
document.addEventListener("htmx:after:request", (event) => {
  const status = event.detail.ctx.response.status;
  if (status === 401) location.reload(); // the session is over: the page says how to get in again
  offline.hidden = status < 500;
});

setInterval(() => {
  const live = document.getElementById("live");
  if (live && !document.hidden) htmx.trigger(live, "tick", {}, false);
}, EVERY_MS);

localise();
