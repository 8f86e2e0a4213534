package schema

import (
	"fmt"
	"go/doc"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jhump/protoreflect/v2/sourceloc"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// goPackages decides the Go package of each file and checks that the packages
// can be built.
func (c *checker) goPackages() {
	for _, f := range c.schema.Files {
		if f.Owned {
			f.Go = c.ownPackage(f)
		} else {
			f.Go = c.thirdPackage(f)
		}
	}
	for _, f := range c.owned() {
		c.checkImportPath(f)
		c.checkFileName(f)
		c.checkForeignImports(f)
	}
	c.checkPackageNames()
	c.checkPackageRings()
	c.goNames()
}

// ownPackage returns the package of one of the project's files: that of its
// go_package where that lies inside the module, else one by its folder.
func (c *checker) ownPackage(f *File) GoPackage {
	module := c.src.config.Module
	given, name, _ := strings.Cut(f.Proto.GetOptions().GetGoPackage(), ";")
	if given = strings.TrimSuffix(given, "/"); given != "" && within(given, module) {
		if name == "" {
			name = path.Base(given)
		}
		return GoPackage{ImportPath: given, Name: sanitized(name), Dir: path.Join(".", strings.TrimPrefix(strings.TrimPrefix(given, module), "/"))}
	}
	dir := path.Join(c.src.config.Out, path.Dir(f.Path))
	return GoPackage{ImportPath: path.Join(module, dir), Name: packageName(dir), Dir: dir}
}

// foreignPackage returns the package that a file's authors publish.
func foreignPackage(f *File) GoPackage {
	given, name, _ := strings.Cut(f.Proto.GetOptions().GetGoPackage(), ";")
	if name == "" {
		name = path.Base(given)
	}
	return GoPackage{ImportPath: given, Name: sanitized(name)}
}

// within reports whether a Go import path lies in the module.
func within(importPath, module string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

// versionName is a folder's name that tells little without the one above it.
var versionName = regexp.MustCompile(`^v[0-9]+((alpha|beta|p)[0-9]*)*$`)

// packageName names the package of a folder: chat/v1 is chatv1, my-chat is
// mychat.
func packageName(dir string) string {
	name := path.Base(dir)
	if versionName.MatchString(name) && strings.Contains(dir, "/") {
		name = path.Base(path.Dir(dir)) + name
	}
	name = strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	switch {
	case name == "" || unicode.IsDigit(rune(name[0])):
		return "pb" + name
	case token.IsKeyword(name) || doc.IsPredeclared(name) || slices.Contains([]string{"main", "init"}, name):
		return name + "pb"
	}
	return name
}

// sanitized makes a Go name as protoc-gen-go makes one of a package's.
func sanitized(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, name)
	first, _ := utf8.DecodeRuneInString(name)
	if token.IsKeyword(name) || !unicode.IsLetter(first) {
		return "_" + name
	}
	return name
}

// checkImportPath refuses folders that Go, or the official generators, have no
// import path for.
func (c *checker) checkImportPath(f *File) {
	if !strings.ContainsAny(f.Go.ImportPath, "./") {
		c.fault(c.src.packagePos(f), fmt.Sprintf("%q is no Go import path for generated code: it has neither a dot nor a slash", f.Go.ImportPath),
			"put the file into a folder, or the project into a module like example.com/"+f.Go.ImportPath)
		return
	}
	for part := range strings.SplitSeq(f.Go.ImportPath, "/") {
		strange := strings.IndexFunc(part, func(r rune) bool {
			return r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._~+", r)
		})
		if part == "" || part == "vendor" || part[0] == '.' || part[len(part)-1] == '.' || strange >= 0 {
			c.fault(c.src.packagePos(f), fmt.Sprintf("%q cannot be imported in Go: %q may not be a folder of an import path", f.Go.ImportPath, part),
				fmt.Sprintf("rename the folder, or write option go_package = %q;", path.Join(c.src.config.Module, c.src.config.Out, "…")))
			return
		}
	}
}

// packagePos returns the place of a file's go_package, else of its package, else
// the file.
func (s *Sources) packagePos(f *File) Pos {
	const packageTag, optionsTag, goPackage = 2, 8, 11
	for _, at := range []protoreflect.SourcePath{{optionsTag, goPackage}, {packageTag}} {
		if loc := f.Desc.SourceLocations().ByPath(at); !sourceloc.IsZero(loc) {
			return s.place(f.Path, loc.StartLine+1, loc.StartColumn+1)
		}
	}
	return s.at(s.byPath[f.Path], 0, 0)
}
