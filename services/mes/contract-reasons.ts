/** Why a price could not be made by itself. The web has words for each code; the detail carries the figures. */
export const priceReasons = {
  partTooLarge: 'The part is larger than the machines of this technology.',
  partImpossible: 'The part is larger than every machine there is.',
  partEmpty: 'The mesh has no triangles, or encloses nothing.',
  partFlat: 'The part is thinner than a layer.',
  partWallsThin: 'Walls are thinner than this technology can make.',
  partNotSliced: 'The mesh could not be cut into layers.',
  optionNotOffered:
    'The price book has no such technology, material, colour, layer height, infill or finish.',
  modelNotReadable: 'The file of the model could not be read.',
  modelTooLarge: 'The file is larger than workers take.',
  fileMissing: 'The file of the model is not there any more.',
  tooComplex: 'Working the price out took longer, or more memory, than it may.',
  workerFailed: 'Workers failed at it again and again.',
  bookHasHole: 'The price book has no price for something that this part needs.',
  tooManyWaiting: 'The customer has as many requests waiting as there may be.',
  modelDeleted: 'The model was deleted meanwhile.',
  cancelled: 'It was called off by who asked for it.',
  declined: 'A person decided that it cannot be made.',
} as const
export type ReasonCode = keyof typeof priceReasons
