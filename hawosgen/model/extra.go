package model

// ServiceOutput is what a project's own template is given that is printed once
// for each service.
type ServiceOutput struct {
	*Service
	File    *File
	Project *Project
}

// PackageOutput is what a project's own template is given that is printed once for
// each Go package with generated code of hawos.
type PackageOutput struct {
	Dir     string // gen/chat/v1
	Package string // chatv1
	Files   []*File
	Project *Project
}

// ServiceOutputs returns one for each service, by file and place in it.
func (p *Project) ServiceOutputs() []*ServiceOutput {
	var out []*ServiceOutput
	for _, f := range p.Files {
		for _, s := range f.Services {
			out = append(out, &ServiceOutput{Service: s, File: f, Project: p})
		}
	}
	return out
}

// PackageOutputs returns one for each package, by its first file.
func (p *Project) PackageOutputs() []*PackageOutput {
	var out []*PackageOutput
	byDir := map[string]*PackageOutput{}
	for _, f := range p.Files {
		if byDir[f.Dir] == nil {
			byDir[f.Dir] = &PackageOutput{Dir: f.Dir, Package: f.Package, Project: p}
			out = append(out, byDir[f.Dir])
		}
		byDir[f.Dir].Files = append(byDir[f.Dir].Files, f)
	}
	return out
}
