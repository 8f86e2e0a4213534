// Command frontend is looked at, never built.
package main

import (
	_ "github.com/hawos/hawos/runtime/app"
	_ "github.com/hawos/hawos/runtime/frontend"
)
