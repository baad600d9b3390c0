"""What modulators tell: reward, prediction errors, surprise; from what happens to an amount that is released."""
