package link

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/hawos/hawos/runtime/hawospb"
)

// introduction returns the instance's hello: who it is, and what it pushes.
func (s *Server) introduction() *hawospb.Hello {
	h := &hawospb.Hello{Instance: s.o.Instance, Epoch: s.o.Epoch, Namespace: s.o.Namespace, Protocol: protocol}
	set := &descriptorpb.FileDescriptorSet{}
	seen := map[string]bool{}
	for _, svc := range s.services {
		h.Events = h.Events || svc.Events != nil
		for _, p := range svc.Pushes {
			h.Pushes = append(h.Pushes, &hawospb.PushType{Id: p.ID, Message: string(p.Message.FullName())})
			addFile(set, seen, p.Message.ParentFile())
		}
	}
	if len(h.Pushes) == 0 {
		return h
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(set)
	if err != nil {
		panic(fmt.Sprintf("descriptors of the pushes: %v", err)) // they are compiled in
	}
	sum := sha256.Sum256(b)
	h.Descriptors, h.DescriptorsHash = b, hex.EncodeToString(sum[:])
	return h
}

// addFile adds a file behind those that it imports.
func addFile(set *descriptorpb.FileDescriptorSet, seen map[string]bool, f protoreflect.FileDescriptor) {
	if seen[f.Path()] {
		return
	}
	seen[f.Path()] = true
	for i := range f.Imports().Len() {
		addFile(set, seen, f.Imports().Get(i).FileDescriptor)
	}
	set.File = append(set.File, protodesc.ToFileDescriptorProto(f))
}
