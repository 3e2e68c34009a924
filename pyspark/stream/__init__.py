"""Windows over accepted readings, as one streaming query: Kafka in, Kafka out."""
