"""What is shown to people: templates, and the words around the news in each language. No file is written here."""
