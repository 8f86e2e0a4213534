package schema

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/protoutil"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// What is kept of a file is a line for each text that it was compiled from, its
// own and those of all that it imports, an empty line, and its descriptor:
//
//	<sha256 in hex> chat/v1/chat.proto
//
// Files that come with hawosgen are not listed: another hawosgen keeps for itself.

// keep stores the files, without those that the compiler warned of: it must see
// them again to warn again.
func (s *Sources) keep(files []linker.File, warnings Faults) {
	if s.config.Compiled == nil {
		return
	}
	warned := map[string]bool{}
	for _, w := range warnings {
		warned[w.Pos.File] = true
	}
	sums := s.sums()
	for _, f := range files {
		if warned[f.Path()] {
			continue
		}
		desc, ok := encode(protoutil.ProtoFromFileDescriptor(f))
		if !ok {
			continue
		}
		var b bytes.Buffer
		for _, name := range s.inputs(f) {
			fmt.Fprintf(&b, "%s %s\n", sums.of(name), name)
		}
		b.WriteByte('\n')
		b.Write(desc)
		s.config.Compiled.Store(f.Path(), b.Bytes())
	}
}

// inputs returns the paths of f and of all that it imports, without what comes
// with hawosgen.
func (s *Sources) inputs(f protoreflect.FileDescriptor) []string {
	seen := map[string]bool{}
	var names []string
	var add func(f protoreflect.FileDescriptor)
	add = func(f protoreflect.FileDescriptor) {
		if seen[f.Path()] || s.byPath[f.Path()] == nil && provided(f.Path()) {
			return
		}
		seen[f.Path()] = true
		names = append(names, f.Path())
		for i := range f.Imports().Len() {
			add(f.Imports().Get(i))
		}
	}
	add(f)
	return names
}

// kept returns what is kept of files that are as they were, as are all that they
// import.
func (s *Sources) kept() map[string]*descriptorpb.FileDescriptorProto {
	if s.config.Compiled == nil {
		return nil
	}
	sums := s.sums()
	each := make([]*descriptorpb.FileDescriptorProto, len(s.Files))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range s.Files {
		g.Go(func() error { each[i] = s.keptFile(s.Files[i].Path, sums); return nil })
	}
	_ = g.Wait()
	out := make(map[string]*descriptorpb.FileDescriptorProto, len(each))
	for i, f := range each {
		if f != nil {
			out[s.Files[i].Path] = f
		}
	}
	s.dropAround(out)
	return out
}

// dropAround removes the files that import one of the project's that is not kept.
func (s *Sources) dropAround(kept map[string]*descriptorpb.FileDescriptorProto) {
	for changed := true; changed; {
		changed = false
		for name, f := range kept {
			if slices.ContainsFunc(f.Dependency, func(to string) bool { return s.byPath[to] != nil && kept[to] == nil }) {
				delete(kept, name)
				changed = true
			}
		}
	}
}

// keptFile returns what is kept of one file; nil where there is nothing, or
// something behind it has changed.
func (s *Sources) keptFile(name string, sums *sums) *descriptorpb.FileDescriptorProto {
	inputs, desc, ok := bytes.Cut(s.config.Compiled.Load(name), []byte("\n\n"))
	if !ok {
		return nil
	}
	for line := range strings.Lines(string(inputs)) {
		sum, of, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if sum != sums.of(of) {
			return nil
		}
	}
	return decode(desc)
}

// encode returns a descriptor's bytes. It reports false where they would not be
// the same once more after decode: generated code holds them.
func encode(f *descriptorpb.FileDescriptorProto) ([]byte, bool) {
	o := proto.MarshalOptions{AllowPartial: true, Deterministic: true}
	text, err := o.Marshal(f)
	if err != nil {
		return nil, false
	}
	if f.GetEdition() == descriptorpb.Edition_EDITION_UNKNOWN {
		return text, true // extensions stay as they are, behind all else
	}
	back := decode(text)
	if back == nil {
		return nil, false
	}
	again, err := o.Marshal(back)
	return text, err == nil && bytes.Equal(again, text)
}

// decode is the reverse of encode; nil where that fails. Extensions stay
// undecoded, so that their order is kept, but for features, of which the compiler
// reads Go's.
func decode(text []byte) *descriptorpb.FileDescriptorProto {
	f := new(descriptorpb.FileDescriptorProto)
	if err := (proto.UnmarshalOptions{AllowPartial: true, Resolver: featureTypes{}}).Unmarshal(text, f); err != nil {
		return nil
	}
	return f
}

// featureTypes resolves the extensions of google.protobuf.FeatureSet alone.
type featureTypes struct{}

// FindExtensionByName implements the resolver of proto.UnmarshalOptions.
func (featureTypes) FindExtensionByName(protoreflect.FullName) (protoreflect.ExtensionType, error) {
	return nil, protoregistry.NotFound
}

// FindExtensionByNumber implements the resolver of proto.UnmarshalOptions.
func (featureTypes) FindExtensionByNumber(message protoreflect.FullName, field protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	if message != "google.protobuf.FeatureSet" {
		return nil, protoregistry.NotFound
	}
	return protoregistry.GlobalTypes.FindExtensionByNumber(message, field)
}

// sums are the hashes of the sources' texts.
type sums struct {
	src *Sources
	mu  sync.Mutex
	all map[string]string
}

func (s *Sources) sums() *sums { return &sums{src: s, all: map[string]string{}} }

// of returns the hash of a file of the project or of a folder of imports; empty
// where there is none of the name.
func (s *sums) of(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sum, ok := s.all[name]; ok {
		return sum
	}
	var text []byte
	var err error
	if f := s.src.byPath[name]; f != nil {
		text = f.Text
	} else if text, _, err = s.src.third(name); err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	s.all[name] = hex.EncodeToString(sum[:])
	return s.all[name]
}
