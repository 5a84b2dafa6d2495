"""What makes weights: damage, augmentation, films as training data, losses and the trainer."""
