// Filters the reference, and copies what is in its listings. Without it, all of it is there all the same.
const field = document.getElementById("filter");
const articles = [...document.querySelectorAll("main article")];
const links = new Map([...document.querySelectorAll("nav ul ul a")].map((a) => [a.hash.slice(1), a.parentElement]));
const sections = [...document.querySelectorAll("main section[id]")];
const texts = articles.map((article) => article.textContent.toLowerCase());

function filter() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  articles.forEach((article, place) => {
    const fits = words.every((word) => texts[place].includes(word));
    article.hidden = !fits;
    const link = links.get(article.id);
    if (link) link.hidden = !fits;
    if (fits) shown += 1;
  });
  for (const section of sections) section.hidden = !section.querySelector("article:not([hidden])");
  document.querySelector("output").textContent = words.length ? `${shown} of ${articles.length}` : "";
}

field.addEventListener("input", filter);
document.querySelector(".find").hidden = false;
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape" && event.target === field) {
    field.value = "";
    filter();
  }
});
// A link to something that the filter hides shows everything again.
addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest("[hidden]")) return;
  field.value = "";
  filter();
  target.scrollIntoView();
});

for (const pre of document.querySelectorAll("main pre")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it to copy";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  pre.before(button);
}
