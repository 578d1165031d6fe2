//! One struct a page, its template of the same name beside it in `templates/`. Text comes from the language files.
