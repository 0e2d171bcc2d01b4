"""What stands behind `upload_url`: a bucket that takes forms as S3 does and knows nothing of Pinterest."""
