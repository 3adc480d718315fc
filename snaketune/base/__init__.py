"""What every room uses: errors, identities, files that are written whole, words for numbers."""
