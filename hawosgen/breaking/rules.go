package breaking

import "github.com/hawos/hawos/hawosgen/report"

// Names of the rules.
const (
	idRemoved       = "id-removed"
	idChanged       = "id-changed"
	idExchanged     = "id-exchanged"
	idReused        = "id-reused"
	requestType     = "request-type"
	replyType       = "reply-type"
	pushType        = "push-type"
	loginRequired   = "login-required"
	pushDelivery    = "push-delivery"
	fieldReused     = "field-reused"
	fieldRenumbered = "field-renumbered"
	fieldType       = "field-type"
	fieldCast       = "field-cast"
	fieldLabel      = "field-label"
	fieldRequired   = "field-required"
	fieldOneof      = "field-oneof"
	fieldDefault    = "field-default"
	fieldUnreserved = "field-unreserved"
	enumRenumbered  = "enum-renumbered"
	enumRemoved     = "enum-removed"
	enumUnreserved  = "enum-unreserved"
	jsonName        = "json-name"
	jsonType        = "json-type"
	errorCode       = "error-code"
	errorRemoved    = "error-removed"
	grpcRemoved     = "grpc-removed"
	grpcStream      = "grpc-stream"
)

// Rules returns all rules, in the order in which they are documented.
func Rules() report.Rules {
	return report.Rules{
		{Name: idRemoved, Doc: "A protocol ID goes on being answered, or pushed."},
		{Name: idChanged, Doc: "An rpc or push keeps its protocol ID."},
		{Name: idExchanged, Doc: "Two rpcs or pushes do not exchange their protocol IDs."},
		{Name: idReused, Doc: "A protocol ID does not become something else."},
		{Name: requestType, Doc: "The request of an rpc is a message that reads what clients send."},
		{Name: replyType, Doc: "The reply of an rpc is a message that clients can read."},
		{Name: pushType, Doc: "A push is a message that clients can read."},
		{Name: loginRequired, Doc: "An rpc for everybody does not come to require a login."},
		{Name: pushDelivery, Doc: "A reliable push stays reliable.", Warning: true},
		{Name: fieldReused, Doc: "A field's number does not become another field's."},
		{Name: fieldRenumbered, Doc: "A field keeps its number."},
		{Name: fieldType, Doc: "A field keeps a type that is encoded in the same way."},
		{Name: fieldCast, Doc: "A field keeps its type: another one, encoded in the same way, cuts off values that do not fit.", Warning: true},
		{Name: fieldLabel, Doc: "A field stays single, repeated or a map."},
		{Name: fieldRequired, Doc: "A field neither becomes nor ceases to be required (proto2)."},
		{Name: fieldOneof, Doc: "Fields that can be set together go on to, and those of a oneof exclude each other."},
		{Name: fieldDefault, Doc: "A field keeps its default (proto2)."},
		{Name: fieldUnreserved, Doc: "A removed field leaves its number and its name reserved.", Warning: true},
		{Name: enumRenumbered, Doc: "An enum's value keeps its number."},
		{Name: enumRemoved, Doc: "An enum's value stays, unless its number and its name are reserved."},
		{Name: enumUnreserved, Doc: "Clients that send a removed value of an enum are gone.", Warning: true},
		{Name: jsonName, Doc: "Fields and enum values that JSON clients see keep their names."},
		{Name: jsonType, Doc: "Fields that JSON clients see keep their form in JSON: a number, a number in quotes, text …"},
		{Name: errorCode, Doc: "A typed error keeps its code."},
		{Name: errorRemoved, Doc: "A typed error's code keeps its name, and is not removed.", Warning: true},
		{Name: grpcRemoved, Doc: "An rpc keeps its full name, by which other services call it.", Warning: true},
		{Name: grpcStream, Doc: "An rpc goes on to stream, or not to, in each direction.", Warning: true},
	}
}
