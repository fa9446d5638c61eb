"""Pictures of figures: values and words in, SVG out, styled by the page's tokens. Nothing here knows Django."""
