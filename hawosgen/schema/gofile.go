package schema

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// platforms are the names by which Go builds a file on one platform only, when
// they end its name: chat_linux.pb.go. (go help buildconstraint)
const platforms = " aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos " +
	"386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm "

// checkFileName refuses names of which Go would leave the generated file out.
func (c *checker) checkFileName(f *File) {
	base, _, _ := strings.Cut(path.Base(f.Path), ".")
	pos := c.src.at(c.src.byPath[f.Path], 0, 0)
	if base == "" || base[0] == '_' {
		c.fault(pos, fmt.Sprintf("Go leaves out files whose names begin like %q", path.Base(f.Path)), "rename the file")
		return
	}
	parts := strings.Split(strings.TrimSuffix(base, "_test"), "_")
	if last := parts[len(parts)-1]; len(parts) > 1 && strings.Contains(platforms, " "+last+" ") {
		c.fault(pos, fmt.Sprintf("Go builds %s.pb.go for %s only, by its name", base, last), "rename the file")
	}
}

// checkForeignImports refuses imports of files that have no Go code.
func (c *checker) checkForeignImports(f *File) {
	for i := range f.Desc.Imports().Len() {
		to := c.schema.byPath[f.Desc.Imports().Get(i).Path()]
		if to != nil && !to.Owned && to.Go.ImportPath == "" {
			c.fault(c.src.imported(f.Desc, i), fmt.Sprintf("there is no Go code of %s", to.Path), c.whereCode(to))
		}
	}
}

// whereCode says how a file that has no Go code may get one.
func (c *checker) whereCode(f *File) string {
	if _, in, err := c.src.third(f.Path); err == nil {
		return fmt.Sprintf("the file has no go_package: say where its code is by go: beside %q in imports of hawos.yaml, or copy it below %q to have it generated", in.Name, c.src.config.Roots[0])
	}
	return "delete the import"
}

// checkPackageNames refuses two names for one Go package, and two files that
// would be generated into one.
func (c *checker) checkPackageNames() {
	named, output := map[string]*File{}, map[string]*File{}
	for _, f := range c.owned() {
		first := named[f.Go.ImportPath]
		switch {
		case first == nil:
			named[f.Go.ImportPath] = f
		case first.Go.Name != f.Go.Name:
			c.fault(c.src.packagePos(f), fmt.Sprintf("the Go package %q would have two names: %s and %s", f.Go.ImportPath, first.Go.Name, f.Go.Name),
				"give both files the same go_package", Note{Text: "named here too", Pos: c.src.packagePos(first)})
		}
		out := path.Join(f.Go.ImportPath, path.Base(f.Path))
		if first := output[out]; first != nil {
			c.fault(c.src.packagePos(f), fmt.Sprintf("%s and %s would both be generated into %s", first.Path, f.Path, path.Join(f.Go.Dir, strings.TrimSuffix(path.Base(f.Path), ".proto")+".pb.go")),
				"rename one of the files, or change its go_package", Note{Text: "the other one", Pos: c.src.packagePos(first)})
			continue
		}
		output[out] = f
	}
}

// checkPackageRings refuses Go packages that would import each other, as their
// files need not do.
func (c *checker) checkPackageRings() {
	r := packageRings{c: c, files: map[string][]*File{}, done: map[string]bool{}}
	var order []string
	for _, f := range c.owned() {
		if r.files[f.Go.ImportPath] == nil {
			order = append(order, f.Go.ImportPath)
		}
		r.files[f.Go.ImportPath] = append(r.files[f.Go.ImportPath], f)
	}
	for _, p := range order {
		r.visit(p)
	}
}

// packageRings walks the imports of Go packages.
type packageRings struct {
	c     *checker
	files map[string][]*File // by import path
	done  map[string]bool
	trail []string // the packages on the way to the one that is visited
}

func (r *packageRings) visit(p string) {
	if r.done[p] {
		return
	}
	r.done[p] = true
	r.trail = append(r.trail, p)
	for _, f := range r.files[p] {
		for i := range f.Desc.Imports().Len() {
			to := r.c.schema.byPath[f.Desc.Imports().Get(i).Path()]
			if to == nil || !to.Owned || to.Go.ImportPath == p {
				continue
			}
			if at := slices.Index(r.trail, to.Go.ImportPath); at >= 0 {
				r.c.fault(r.c.src.imported(f.Desc, i), "the Go packages of these files would import each other: "+
					strings.Join(append(slices.Clone(r.trail[at:]), to.Go.ImportPath), " → "),
					"move the files so that folders import each other one way only")
				continue
			}
			r.visit(to.Go.ImportPath)
		}
	}
	r.trail = r.trail[:len(r.trail)-1]
}
