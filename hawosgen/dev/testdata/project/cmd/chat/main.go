// Command chat plays a service.
package main

import "github.com/hawos/hawos/runtime/app"

func main() { app.Main("chat") }
