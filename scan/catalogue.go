package scan

// Meaning says what findings of one ID are, for reports that explain them.
type Meaning struct {
	ID    string
	Short string // a sentence
	Help  string // what to do about it
}

const (
	doNotLoad = "Do not load the file. Its tensors can be taken out inertly with depickle convert --disarm, if it was read whole."
	lookAt    = "Look at what the file names before you load it; convert it, and load the SafeTensors instead."
	getWhole  = "Nothing can be said of what was not read. Get the file again from its source, or unpack it and scan what is inside."
)

// Meanings lists every ID that a finding may have, sorted.
func Meanings() []Meaning {
	return []Meaning{
		{"argument-form", "A harmless constructor gets arguments that no pickler writes.", lookAt},
		{"argument-rule", "An allowed global is used in a way that could do harm.", doNotLoad},
		{"build-on-global", "The attributes of a class, function or module are changed.", doNotLoad},
		{"build-on-storage", "The state of a tensor's storage is set.", doNotLoad},
		{"build-wrong-kind", "A state is set on what has none.", lookAt},
		{"bytes-unaccounted", "Bytes of the file belong to nothing that is known.", getWhole},
		{"call-of-result", "What a call returned is called.", lookAt},
		{"change-after-state", "An object is changed after its state was set, which can call what the state holds.", doNotLoad},
		{"changed", "The file changed while it was read.", getWhole},
		{"expansion", "Few bytes stand for very many values.", lookAt},
		{"extension", "A global is named by a number of copyreg's registry.", doNotLoad},
		{"frame-straddle", "Opcodes and frames disagree, so that readers see different pickles.", doNotLoad},
		{"global-computed", "A global's name is computed while the pickle is loaded.", doNotLoad},
		{"global-dangerous", "A global that can run code or reach the system is named or called.", doNotLoad},
		{"global-restricted", "A global that can reach anything is used in its one harmless form.", lookAt},
		{"global-unknown", "A global is named of which nothing is known.", lookAt},
		{"joblib-hidden", "An array of joblib's is named in a spelling that joblib never writes.", getWhole},
		{"limit", "The file asks for more than a limit allows.", "See depickle help limits; a limit can be raised with --limit NAME=N."},
		{"literal-ambiguous", "A number or text that readers take in different ways.", lookAt},
		{"malformed", "The file breaks its format.", getWhole},
		{"member-misnamed", "A member is named like a pickle and is none that can be read.", getWhole},
		{"member-unknown", "A member that no loader of checkpoints reads.", "Nothing; it is listed so that it is not overlooked."},
		{"member-unread", "A member that may hold a pickle cannot be opened.", getWhole},
		{"not-a-checkpoint", "The file is no checkpoint.", getWhole},
		{"persistent-id", "A persistent id that names no storage.", lookAt},
		{"refused", "A part of the file is refused.", doNotLoad},
		{"safetensors-invalid", "A SafeTensors file breaks its format, where lenient readers go on.", getWhole},
		{"storage-mismatch", "A storage has another size or type than the pickle says.", doNotLoad},
		{"storage-missing", "A storage that the pickle names is not in the file.", getWhole},
		{"store-wrong-kind", "Items are stored in what is no container for them.", doNotLoad},
		{"tar-duplicate", "A tar archive has two members of one name.", lookAt},
		{"tar-name", "A member's name leads out of the archive.", lookAt},
		{"tar-special", "A tar archive makes links or devices.", lookAt},
		{"tensor-geometry", "A tensor reaches outside of its storage.", doNotLoad},
		{"torchscript-file", "TorchScript code reads or writes files when the model runs.", "Do not run the model. Its weights can be taken from its state_dict, saved as a checkpoint, by who made it."},
		{"unsupported", "A part of the file is in a form that is not read.", getWhole},
		{"zip-byteorder", "The byte order is neither little nor big.", getWhole},
		{"zip-case-twin", "Two members differ in the case of their letters alone; torch takes one for the other.", doNotLoad},
		{"zip-comment", "The archive has a comment, in which a reader may find another directory.", lookAt},
		{"zip-crc", "A member's CRC is wrong.", lookAt},
		{"zip-duplicate", "Two members have one name; readers take different ones.", doNotLoad},
		{"zip-encrypted", "A member is encrypted.", getWhole},
		{"zip-header-mismatch", "A member's two headers disagree.", lookAt},
		{"zip-method", "A member is compressed by a method that is not read.", getWhole},
		{"zip-name", "A member's name is one that readers take differently.", lookAt},
		{"zip-overlap", "Members of an archive overlap.", doNotLoad},
		{"zip-two-directories", "The archive has two directories; readers take different ones.", lookAt},
	}
}
