import io.github.pgbackup.test.Docker

// Skipped on a machine without a Docker daemon; an error there under CI=true.
return Docker.majors().anyMatch { it == 15 }
