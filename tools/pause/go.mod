module switchyard.dev/tools/pause

go 1.24
