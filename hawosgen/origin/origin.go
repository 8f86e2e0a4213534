// Package origin says which hawos this hawosgen was built from: a released
// version, or a checkout on this machine. Projects that it creates, and the
// embedded servers that it builds, must be of the same hawos. Start from Find.
package origin

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// Module is the path of hawos's own module.
const Module = "github.com/hawos/hawos"

// Origin is where a hawosgen came from.
type Origin struct {
	// Version is the module version, such as v0.1.0; "devel" for a checkout.
	Version string
	// Checkout is the absolute path of the folder that holds hawos's go.mod;
	// empty for a hawosgen that was installed by version.
	Checkout string
}

// Find returns the origin of the running program.
func Find() Origin {
	if dir := checkout(); dir != "" {
		return Origin{Version: "devel", Checkout: dir}
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Path == Module {
			return Origin{Version: version(info.Main.Version)}
		}
		for _, dep := range info.Deps {
			if dep.Path == Module {
				return Origin{Version: version(dep.Version)}
			}
		}
	}
	return Origin{Version: "devel"}
}

func version(v string) string {
	if v == "" || v == "(devel)" {
		return "devel"
	}
	return v
}

// checkout returns the folder of the go.mod above this source file, as the
// compiler saw it; empty where it is gone, is another module's, or lies in the
// module cache, and in a program built with -trimpath.
func checkout() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	if strings.Contains(filepath.Base(dir), "@") {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !strings.HasPrefix(string(text), "module "+Module+"\n") {
		return ""
	}
	return dir
}
