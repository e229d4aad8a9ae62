// Sphinx has no Dutch for how many pages a search found, and its search stops with an error there.
Documentation.addTranslations({
  locale: "nl",
  plural_expr: "Number(n !== 1)",
  messages: {
    "Search finished, found one page matching the search query.": [
      "Eén pagina gevonden.",
      "${resultCount} pagina's gevonden.",
    ],
    "Please activate JavaScript to enable the search functionality.": "Zoeken heeft JavaScript nodig.",
  },
});
