"""Routes by what they answer: records, searches, links, briefs, pages, health."""
