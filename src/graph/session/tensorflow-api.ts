/** The functions of TensorFlow's C API that a session calls, bound to the library of this process. */
import { koffi } from '../../core/tensorflow/koffi';

/** An address that the C API hands out and takes back. */
export type Handle = unknown;

export type TensorFlowApi = ReturnType<typeof bind>;

let bound: { readonly library: string; readonly api: TensorFlowApi } | undefined;

/** TensorFlow's C API in the library that this process computes with. */
export function tensorFlowApi(library: string): TensorFlowApi {
  if (bound?.library !== library) bound = { library, api: bind(library) };
  return bound.api;
}

/** The part of TensorFlow's C API (`c_api.h`) that a session needs, and its signatures. */
function bind(library: string) {
  const lib = koffi().load(library);
  declare('TF_Output', { oper: 'void *', index: 'int' });
  declare('TF_Buffer', { data: 'void *', length: 'size_t', deallocator: 'void *' });
  const session =
    'void TF_SessionRun(void *s, void *o, const TF_Output *in, void **iv, int ni, const TF_Output *out, _Out_ void **ov, int no, void **t, int nt, TF_Buffer *m, void *st)';
  return {
    newStatus: lib.func('void *TF_NewStatus()'),
    deleteStatus: lib.func('void TF_DeleteStatus(void *s)'),
    code: lib.func('int TF_GetCode(void *s)'),
    message: lib.func('const char *TF_Message(void *s)'),
    newGraph: lib.func('void *TF_NewGraph()'),
    deleteGraph: lib.func('void TF_DeleteGraph(void *g)'),
    emptyBuffer: lib.func('TF_Buffer *TF_NewBuffer()'),
    newBuffer: lib.func('void *TF_NewBufferFromString(const void *p, size_t n)'),
    deleteBuffer: lib.func('void TF_DeleteBuffer(void *b)'),
    newImport: lib.func('void *TF_NewImportGraphDefOptions()'),
    deleteImport: lib.func('void TF_DeleteImportGraphDefOptions(void *o)'),
    importGraph: lib.func('void TF_GraphImportGraphDef(void *g, void *b, void *o, void *s)'),
    newOptions: lib.func('void *TF_NewSessionOptions()'),
    setConfig: lib.func('void TF_SetConfig(void *o, const void *p, size_t n, void *s)'),
    deleteOptions: lib.func('void TF_DeleteSessionOptions(void *o)'),
    newSession: lib.func('void *TF_NewSession(void *g, void *o, void *s)'),
    closeSession: lib.func('void TF_CloseSession(void *x, void *s)'),
    deleteSession: lib.func('void TF_DeleteSession(void *x, void *s)'),
    operation: lib.func('void *TF_GraphOperationByName(void *g, const char *n)'),
    allocate: lib.func('void *TF_AllocateTensor(int t, const int64_t *dims, int nd, size_t n)'),
    data: lib.func('void *TF_TensorData(void *t)'),
    byteSize: lib.func('size_t TF_TensorByteSize(void *t)'),
    deleteTensor: lib.func('void TF_DeleteTensor(void *t)'),
    type: lib.func('int TF_TensorType(void *t)'),
    rank: lib.func('int TF_NumDims(void *t)'),
    side: lib.func('int64_t TF_Dim(void *t, int i)'),
    run: lib.func(session),
  };
}

/** A structure is declared once in a process, which may load this module several times, as tests do. */
function declare(name: string, members: Readonly<Record<string, string>>): void {
  try {
    koffi().type(name);
  } catch {
    koffi().struct(name, members);
  }
}
