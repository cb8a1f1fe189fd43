package scan

// Meaning says what findings of one ID are, for reports that explain them.
type Meaning struct {
	ID    string
	Short string // a sentence
	Help  string // what to do about it
	// Worst is the worst that a finding of this ID is. Some are less in places.
	Worst Severity
}

const (
	doNotLoad = "Do not load the file. Its tensors can be taken out inertly with depickle convert --disarm, if it was read whole."
	lookAt    = "Look at what the file names before you load it; convert it, and load the SafeTensors instead."
	getWhole  = "Nothing can be said of what was not read. Get the file again from its source, or unpack it and scan what is inside."
)

// Meanings lists every ID that a finding may have, sorted.
func Meanings() []Meaning {
	return []Meaning{
		{"7z-crc", "The CRC of a member of a 7z archive is wrong.", lookAt, Suspicious},
		{"7z-duplicate", "A 7z archive has two members of one name.", lookAt, Suspicious},
		{"7z-name", "A member's name leads out of the archive, or is one that readers take differently.", lookAt, Suspicious},
		{"7z-special", "A 7z archive makes links or devices, or deletes files.", lookAt, Suspicious},
		{"argument-form", "A harmless constructor gets arguments that no pickler writes.", lookAt, Suspicious},
		{"argument-rule", "An allowed global is used in a way that could do harm.", doNotLoad, Dangerous},
		{"array-address", "An object says at which address in memory its elements stand, which numpy reads and writes.", lookAt, Suspicious},
		{"buffer-alone", "A buffer is made read-only as if it had come from outside of the file.", lookAt, Suspicious},
		{"build-on-global", "The attributes of a class, function or module are changed.", doNotLoad, Dangerous},
		{"build-on-storage", "The state of a tensor's storage is set.", doNotLoad, Dangerous},
		{"build-wrong-kind", "A state is set on what has none.", lookAt, Suspicious},
		{"bytes-unaccounted", "Bytes of the file belong to nothing that is known.", getWhole, Inconclusive},
		{"call-of-result", "What a call returned is called.", lookAt, Dangerous},
		{"change-after-state", "An object is changed after its state was set, which can call what the state holds.", doNotLoad, Dangerous},
		{"changed", "The file changed while it was read.", getWhole, Inconclusive},
		{"expansion", "Few bytes stand for very many values.", lookAt, Suspicious},
		{"extension", "A global is named by a number of copyreg's registry.", doNotLoad, Dangerous},
		{"frame-straddle", "Opcodes and frames disagree, so that readers see different pickles.", doNotLoad, Dangerous},
		{"global-computed", "A global's name is computed while the pickle is loaded.", doNotLoad, Dangerous},
		{"global-dangerous", "A global that can run code or reach the system is named or called.", doNotLoad, Dangerous},
		{"global-restricted", "A global that can reach anything is used in its one harmless form.", lookAt, Suspicious},
		{"global-unknown", "A global is named of which nothing is known.", lookAt, Suspicious},
		{"global-unread", "A dangerous global is named in what could not be read; other readers may get as far.", doNotLoad, Dangerous},
		{"joblib-hidden", "An array of joblib's is named in a spelling that joblib never writes.", getWhole, Inconclusive},
		{"limit", "The file asks for more than a limit allows.", "See depickle help limits; a limit can be raised with --limit NAME=N.", Inconclusive},
		{"literal-ambiguous", "A number or text that readers take in different ways.", lookAt, Suspicious},
		{"malformed", "The file breaks its format.", getWhole, Inconclusive},
		{"member-misnamed", "A member is named like a pickle and is none that can be read.", getWhole, Inconclusive},
		{"member-unknown", "A member that no loader of checkpoints reads.", "Nothing; it is listed so that it is not overlooked.", Note},
		{"member-unread", "A member that may hold a pickle cannot be opened.", getWhole, Inconclusive},
		{"not-a-checkpoint", "The file is no checkpoint.", getWhole, Inconclusive},
		{"package-code", "An archive brings Python of its own, which torch.package runs.", "Read the members before you import the archive.", Dangerous},
		{"persistent-id", "A persistent id that names no storage.", lookAt, Suspicious},
		{"pickle-hidden", "Bytes or text hold another pickle, which is dangerous.", doNotLoad, Dangerous},
		{"refused", "A part of the file is refused.", doNotLoad, Inconclusive},
		{"safetensors-invalid", "A SafeTensors file breaks its format, where lenient readers go on.", getWhole, Inconclusive},
		{"storage-mismatch", "A storage has another size or type than the pickle says.", doNotLoad, Dangerous},
		{"storage-missing", "A storage that the pickle names is not in the file.", getWhole, Inconclusive},
		{"store-wrong-kind", "Items are stored in what is no container for them.", doNotLoad, Dangerous},
		{"tar-duplicate", "A tar archive has two members of one name.", lookAt, Suspicious},
		{"tar-name", "A member's name leads out of the archive.", lookAt, Suspicious},
		{"tar-reading", "Python finds other members in the archive than other readers do.", lookAt, Suspicious},
		{"tar-special", "A tar archive makes links or devices.", lookAt, Suspicious},
		{"tensor-geometry", "A tensor reaches outside of its storage.", doNotLoad, Dangerous},
		{"torchscript-file", "TorchScript code reads or writes files when the model runs.", "Do not run the model. Its weights can be taken from its state_dict, saved as a checkpoint, by who made it.", Dangerous},
		{"unsupported", "A part of the file is in a form that is not read.", getWhole, Inconclusive},
		{"zip-byteorder", "The byte order is neither little nor big.", getWhole, Inconclusive},
		{"zip-case-twin", "Two members differ in the case of their letters alone; torch takes one for the other.", doNotLoad, Dangerous},
		{"zip-comment", "The archive has a comment, in which a reader may find another directory.", lookAt, Suspicious},
		{"zip-crc", "A member's CRC is wrong.", lookAt, Suspicious},
		{"zip-duplicate", "Two members have one name; readers take different ones.", doNotLoad, Dangerous},
		{"zip-encrypted", "A member is encrypted.", getWhole, Inconclusive},
		{"zip-header-mismatch", "A member's two headers disagree.", lookAt, Suspicious},
		{"zip-inside", "The file is a zip archive as well, for readers that begin at its end.", lookAt, Suspicious},
		{"zip-method", "A member is compressed by a method that is not read.", getWhole, Inconclusive},
		{"zip-name", "A member's name is one that readers take differently.", lookAt, Suspicious},
		{"zip-overlap", "Members of an archive overlap.", doNotLoad, Dangerous},
		{"zip-shifted", "The archive begins in different places for different readers, which find other members.", lookAt, Suspicious},
		{"zip-two-directories", "The archive has two directories; readers take different ones.", lookAt, Suspicious},
	}
}
