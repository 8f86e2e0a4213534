// Command tool is none of the project's services.
package main

func main() { panic("a tool is not started") }
