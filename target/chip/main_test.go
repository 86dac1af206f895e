package chip
