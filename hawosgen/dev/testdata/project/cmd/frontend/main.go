// Command frontend plays a frontend.
package main

import (
	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/frontend"
)

func main() { app.Main("frontend " + frontend.Word) }
