module github.com/hawos/hawos

go 1.26
