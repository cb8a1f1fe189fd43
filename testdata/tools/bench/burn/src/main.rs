// burn-convert SRC DST: burn's checkpoint reader with the reference writer, one
// tensor in memory at a time. It is the fastest converter that we know; it
// hashes and compares nothing.
use std::{borrow::Cow, collections::HashMap, env, path::Path, process::ExitCode};

use pytorch_reader::{DType, PytorchReader, Tensor};
use safetensors::tensor::{serialize_to_file, Dtype, View};

struct Lazy(Tensor);

impl View for Lazy {
    fn dtype(&self) -> Dtype {
        match self.0.dtype() {
            DType::F64 => Dtype::F64,
            DType::F32 => Dtype::F32,
            DType::F16 => Dtype::F16,
            DType::BF16 => Dtype::BF16,
            DType::I64 => Dtype::I64,
            DType::I32 => Dtype::I32,
            DType::I16 => Dtype::I16,
            DType::I8 => Dtype::I8,
            DType::U64 => Dtype::U64,
            DType::U32 => Dtype::U32,
            DType::U16 => Dtype::U16,
            DType::U8 => Dtype::U8,
            DType::Bool => Dtype::BOOL,
        }
    }

    fn shape(&self) -> &[usize] {
        self.0.shape()
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.0.read().expect("the tensor can be read"))
    }

    fn data_len(&self) -> usize {
        self.0.byte_len()
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().collect();
    let reader = match PytorchReader::new(&args[1]) {
        Ok(reader) => reader,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(1);
        }
    };
    let tensors: Vec<(String, Lazy)> = reader.into_tensors().into_iter().map(|(name, t)| (name, Lazy(t))).collect();
    let metadata = HashMap::from([("format".to_string(), "pt".to_string())]);
    match serialize_to_file(tensors, Some(metadata), Path::new(&args[2])) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
