package safetensors

import "depickle/scan/fault"

// reason is why a header is not taken. The set is closed: the reader and the
// writer know no other, and a test has an example of each.
type reason uint8

const (
	reasonTooSmall reason = iota + 1
	reasonHeaderLimit
	reasonHeaderLength
	reasonNoObject
	reasonSyntax
	reasonAfterHeader
	reasonDuplicate
	reasonMetadata
	reasonEntry
	reasonField
	reasonMissing
	reasonDType
	reasonShape
	reasonRank
	reasonOffsets
	reasonOverflow
	reasonUnaligned
	reasonBackward
	reasonHole
	reasonOverlap
	reasonSize
	reasonTruncated
	reasonTrailing
	reasonReserved
	reasonNameText
	reasonMetadataText
	reasonResized
	reasonNoTensor
	reasonTwice
	reasonLong
	reasonShort
	reasonManyTensors
	reasonManyMetadata
	reasonMuchText
	reasonLongText
	numReasons
)

var reasons = [numReasons]struct {
	kind fault.Kind
	text string
}{
	reasonTooSmall:     {fault.Malformed, "file of %d bytes has no room for a header length"},
	reasonHeaderLimit:  {fault.Limit, "header of %d bytes is over the format's limit of 100000000"},
	reasonHeaderLength: {fault.Malformed, "header of %d bytes reaches past the end of the file of %d bytes"},
	reasonNoObject:     {fault.Malformed, "header does not begin with a brace"},
	reasonSyntax:       {fault.Malformed, "header is not strict JSON in UTF-8"},
	reasonAfterHeader:  {fault.Malformed, "something other than spaces follows the header's object"},
	reasonDuplicate:    {fault.Malformed, "name %s stands twice"},
	reasonMetadata:     {fault.Malformed, "__metadata__ is not a map of strings to strings"},
	reasonEntry:        {fault.Malformed, "entry is not an object"},
	reasonField:        {fault.Malformed, "unknown field %s"},
	reasonMissing:      {fault.Malformed, "field %s is missing"},
	reasonDType:        {fault.Malformed, "dtype %s is none of the format's"},
	reasonShape:        {fault.Malformed, "shape is not a list of whole numbers below 2^63"},
	reasonRank:         {fault.Unsupported, "more than 64 dimensions"},
	reasonOffsets:      {fault.Malformed, "data_offsets are not two whole numbers below 2^63"},
	reasonOverflow:     {fault.Malformed, "size of the shape overflows"},
	reasonUnaligned:    {fault.Malformed, "elements of %s fill no whole number of bytes"},
	reasonBackward:     {fault.Malformed, "data ends at %d, before it begins at %d"},
	reasonHole:         {fault.Malformed, "data begins at %d and leaves a hole from %d"},
	reasonOverlap:      {fault.Malformed, "data begins at %d, before the tensor in front of it ends at %d"},
	reasonSize:         {fault.Malformed, "data of %d bytes where the shape needs %d"},
	reasonTruncated:    {fault.Malformed, "data ends at %d, past the end of the file of %d bytes"},
	reasonTrailing:     {fault.Malformed, "data ends at %d and the file of %d bytes goes on"},
	reasonReserved:     {fault.Unsupported, "__metadata__ is the format's own name, a tensor cannot have it"},
	reasonNameText:     {fault.Unsupported, "name is not valid UTF-8"},
	reasonMetadataText: {fault.Unsupported, "metadata %s is not valid UTF-8"},
	reasonResized:      {fault.Unsupported, "metadata changed the header's length from %d to %d bytes"},
	reasonNoTensor:     {fault.Unsupported, "the header names no such tensor"},
	reasonTwice:        {fault.Unsupported, "the tensor is written twice"},
	reasonLong:         {fault.Malformed, "the tensor has %d bytes, more were written"},
	reasonShort:        {fault.Malformed, "the tensor has %d bytes, only %d were written"},
	reasonManyTensors:  {fault.Limit, "more than %d tensors in one file"},
	reasonManyMetadata: {fault.Limit, "more than %d entries of metadata"},
	reasonMuchText:     {fault.Limit, "more than %d bytes of names and metadata"},
	reasonLongText:     {fault.Limit, "a name or text of more than %d bytes"},
}

// reject makes the error of a reason. name is the tensor's, "" for none;
// arguments from a file are quoted by the caller.
func reject(r reason, offset int64, name string, args ...any) error {
	e := fault.At(reasons[r].kind, offset, reasons[r].text, args...)
	e.Name = name
	return e
}
