"""What all features of the api share: settings of the database, errors, tokens, pages."""
