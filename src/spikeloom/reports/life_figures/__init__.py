"""The drawings of a training by reward, one class per file; the page finds them here."""
