"""Looking, never changing. Whatever concerns homes starts from `scope.py`: which rows may this actor see."""
