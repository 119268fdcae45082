/** The thread that reads what datasets say of themselves: the service gives it a `dataset.yaml`, and gets the facts. */
import './assembly/read-dataset.ts'
