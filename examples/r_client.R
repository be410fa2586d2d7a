# Puts a table on a server, and gets it back, with R's arrow package.
#
# Start a server (deno task serve), then: Rscript examples/r_client.R
# It needs the packages arrow and reticulate, and pyarrow in reticulate's Python.
library(arrow)

port <- commandArgs(trailingOnly = TRUE)
port <- if (length(port) > 0) as.integer(port[[1]]) else 5678L
client <- flight_connect(host = "localhost", port = port)

flight_put(client, data = airquality, path = "airquality")
stopifnot(flight_path_exists(client, "airquality"))

air <- flight_get(client, "airquality")
print(dim(air))
