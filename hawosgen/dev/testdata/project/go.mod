module example.com/demo

go 1.26

require github.com/hawos/hawos v0.0.0

replace github.com/hawos/hawos => ./hawos
