// What is said to readers, in the language of the page.
const language = document.documentElement.lang.split("-")[0] === "zh" ? "zh" : "en";
const file = new URL(`../words/${language}.json`, import.meta.url);
const words = await (await fetch(file)).json();

export function say(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
