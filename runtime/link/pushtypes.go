package link

import (
	"fmt"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/hawos/hawos/runtime/hawospb"
)

// pushTypes are the messages of pushes, as the instances' hellos told. What was
// told under one hash is read once. The newest hello wins.
type pushTypes struct {
	mu    sync.RWMutex
	files map[string]*protoregistry.Files // by descriptors_hash
	types map[uint32]protoreflect.MessageDescriptor
}

func (p *pushTypes) find(id uint32) (protoreflect.MessageDescriptor, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	d, ok := p.types[id]
	return d, ok
}

func (p *pushTypes) add(h *hawospb.Hello) error {
	if len(h.GetPushes()) == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	files := p.files[h.GetDescriptorsHash()]
	if files == nil {
		var err error
		if files, err = parseFiles(h.GetDescriptors()); err != nil {
			return fmt.Errorf("descriptors: %w", err)
		}
		if p.files == nil {
			p.files, p.types = map[string]*protoregistry.Files{}, map[uint32]protoreflect.MessageDescriptor{}
		}
		p.files[h.GetDescriptorsHash()] = files
	}
	for _, t := range h.GetPushes() {
		d, err := files.FindDescriptorByName(protoreflect.FullName(t.GetMessage()))
		if err != nil {
			return fmt.Errorf("push %d: %w", t.GetId(), err)
		}
		m, ok := d.(protoreflect.MessageDescriptor)
		if !ok {
			return fmt.Errorf("push %d: %q is no message", t.GetId(), t.GetMessage())
		}
		p.types[t.GetId()] = m
	}
	return nil
}

func parseFiles(b []byte) (*protoregistry.Files, error) {
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(b, &set); err != nil {
		return nil, err
	}
	return protodesc.NewFiles(&set)
}
