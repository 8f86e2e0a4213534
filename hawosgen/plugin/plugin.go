// Package plugin runs the official protobuf generators: protoc-gen-go inside
// this process, protoc-gen-go-grpc as a program from the user's cache. It is the
// one place that knows them; what they print is passed on without its version
// lines, so that the output depends on the schema alone.
package plugin

import (
	"bytes"
	"fmt"

	gengo "google.golang.org/protobuf/cmd/protoc-gen-go/internal_gengo"
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// Input is what both generators read.
type Input struct {
	// Files are all files of the schema, each after the files that it imports.
	Files []*descriptorpb.FileDescriptorProto
	// Generate are the names of the files to generate code for.
	Generate []string
	// Packages maps the name of every file that needs one to its Go import
	// path; it takes the place of the file's go_package.
	Packages map[string]string
}

// Output maps the path of a generated file, as the generator names it, to its
// text.
type Output map[string][]byte

// request is the protocol buffer by which protoc talks to its plugins.
func (in Input) request(parameter string) *pluginpb.CodeGeneratorRequest {
	for _, f := range in.Files {
		if path, ok := in.Packages[f.GetName()]; ok {
			parameter += fmt.Sprintf(",M%s=%s", f.GetName(), path)
		}
	}
	return &pluginpb.CodeGeneratorRequest{
		FileToGenerate: in.Generate,
		Parameter:      proto.String(parameter),
		ProtoFile:      in.Files,
	}
}

// Messages generates the .pb.go files.
func Messages(in Input) (Output, error) {
	// protogen decodes the files anew, in place, where the schema has options of
	// its own; others read them at the same time.
	gen, err := protogen.Options{}.New(proto.CloneOf(in.request("paths=source_relative")))
	if err != nil {
		return nil, fmt.Errorf("protoc-gen-go: %w", err)
	}
	for _, f := range gen.Files {
		if f.Generate {
			gengo.GenerateFile(gen, f)
		}
	}
	return collect("protoc-gen-go", gen.Response())
}

// collect takes the files out of a generator's response.
func collect(name string, res *pluginpb.CodeGeneratorResponse) (Output, error) {
	if res.Error != nil {
		return nil, fmt.Errorf("%s: %s", name, res.GetError())
	}
	out := make(Output, len(res.File))
	for _, f := range res.File {
		out[f.GetName()] = withoutVersions([]byte(f.GetContent()))
	}
	return out, nil
}

// withoutVersions removes the comment lines "versions:" and those of the list
// below it from the head of a generated file.
func withoutVersions(text []byte) []byte {
	start := bytes.Index(text, []byte("// versions:\n"))
	if start < 0 {
		return text
	}
	end := start
	for line := range bytes.Lines(text[start:]) {
		listed := bytes.HasPrefix(line, []byte("// \t")) || bytes.HasPrefix(line, []byte("// - "))
		if end > start && !listed {
			break
		}
		end += len(line)
	}
	return append(bytes.Clone(text[:start]), text[end:]...)
}
