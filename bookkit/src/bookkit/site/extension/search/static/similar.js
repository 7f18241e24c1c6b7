/* Names of the book that a question may have meant: a few letters of them differ. */
const MOST_SIMILAR = 5;
const MOST_TRIED = 30;

const PARTS = /[._]|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

/* The book's names, such as `nn.try_all`, and what they are made of. */
function wordsOfBook() {
  const cut = (name) => [name, ...name.split("."), ...name.split(/[._]/), ...name.split(PARTS)];
  const words = () => book.names.split(" ").flatMap(cut).map((word) => word.toLowerCase());
  book.words ??= new Set(words());
  return book.words;
}

/* How many letters differ, as long as it is at most `most`. */
function distance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const swap = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j] + 1, next[j - 1] + 1));
    }
    if (Math.min(...next) > most) return most + 1;
    row = next;
  }
  return row[other.length];
}

/* Words of the book that the question may have meant. */
function similar(question) {
  const found = [];
  for (const { text, isWide } of termsOf(question, { isBare: true })) {
    if (isWide || text.length < 3) continue;
    const most = text.length < 6 ? 1 : 2;
    for (const word of wordsOfBook()) {
      const far = word === text ? 0 : distance(text, word, most);
      if (far > 0 && far <= most) found.push({ word, far });
    }
  }
  const byName = (a, b) => (a.word < b.word ? -1 : 1);
  found.sort((a, b) => a.far - b.far || a.word.length - b.word.length || byName(a, b));
  /* Nobody is led to what another tab alone has. */
  const isOwn = (word) => book.places.some((place) => isSeen(place, [termOf(word)]));
  const words = [...new Set(found.map((one) => one.word))];
  return words.slice(0, MOST_TRIED).filter(isOwn).slice(0, MOST_SIMILAR);
}
