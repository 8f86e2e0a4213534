// Command bench measures hawos beside other systems: what cannot be beaten, what
// a straightforward gateway costs, and a peer.
//
//	bench run [-quick] [-rounds 3] [-out DIR]   measure everything; writes results.json, results.md and plots
//	bench role NAME [ADDRESS...]                one program of a measured system, until standard input ends
//	bench load JSON                             the load generator, with load.Options
package main

import (
	"fmt"
	"os"
)

func main() {
	err := fmt.Errorf("usage: bench run|role|load")
	if len(os.Args) > 1 {
		switch rest := os.Args[2:]; os.Args[1] {
		case "run":
			err = runAll(rest)
		case "role":
			err = runRole(rest)
		case "load":
			err = runLoad(rest)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
