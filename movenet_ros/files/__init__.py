"""Reading of videos, pictures, bags and recorded poses, and writing of results."""
